// Added to each page that `watch` serves, never to a published one: shows the next version of
// the site as soon as it is built, and the error of a failed build over the last good page.
{
  const version = document.currentScript.dataset.version;
  let source = null;
  let overlay = null;

  const show = (error) => {
    overlay?.remove();
    overlay = null;
    if (!error) return;
    overlay = document.createElement("pre");
    overlay.id = "build-error";
    overlay.setAttribute("role", "alert");
    overlay.textContent = error;
    overlay.style.cssText =
      "position: fixed; inset: auto 0 0 0; z-index: 2147483647; box-sizing: border-box;" +
      "max-height: 50vh; margin: 0; padding: 1rem; overflow: auto; white-space: pre-wrap;" +
      "border-radius: 0; background: #7a0c0c; color: #fff; font: 14px/1.5 monospace;";
    document.body.append(overlay);
  };

  const follow = ({ data }) => {
    const site = JSON.parse(data);
    if (site.version === version) show(site.error);
    else location.reload();
  };

  // A browser opens few connections to one server: hidden tabs hold none.
  const listen = () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    source = new EventSource("/-/events");
    source.onmessage = follow;
  };

  document.addEventListener("visibilitychange", listen);
  listen();
}
