from carnet.execution import signals


class Client:
    killed = False

    def kill(self):
        self.killed = True


def test_stopping_kills_every_kernel(monkeypatch):
    clients = [Client(), Client()]
    monkeypatch.setattr(signals, "RUNNING", set(clients))
    signals.STOPPING.clear()
    signals.stop()
    assert signals.STOPPING.is_set()
    assert all(client.killed for client in clients)
    signals.STOPPING.clear()
