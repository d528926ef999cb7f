"""What the threads of a build share about kernels; quick to import, unlike `kernels`."""

import threading

# What executes notebooks is imported, and a first kernel has started or failed to start.
READY = threading.Event()
# The build was interrupted: from then on no kernel continues.
STOPPING = threading.Event()


# The clients of the kernels of this process, from before their start until after their end.
RUNNING = set()


def stop() -> None:
    """Kill every kernel of this process, and those that are being started."""
    STOPPING.set()
    for client in list(RUNNING):
        client.kill()
