/** A worker's part of Web Push: shows what comes and opens its page. `rings`: until somebody has it, else silently. */
export const show = () => {
  self.addEventListener("push", (event) => {
    const said = event.data?.json() ?? {};
    const alarm = "rings" in said ? { requireInteraction: said.rings, renotify: said.rings, silent: !said.rings } : {};
    event.waitUntil(
      self.registration.showNotification(said.title ?? "1022", {
        body: said.body,
        tag: said.tag,
        icon: "/app/icon-192.png",
        badge: "/app/icon-96.png",
        data: { url: said.url },
        ...alarm,
      }),
    );
  });

  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const address = new URL(event.notification.data?.url ?? "/", location.origin);
    if (address.origin === location.origin) event.waitUntil(self.clients.openWindow(address.href));
  });
};
