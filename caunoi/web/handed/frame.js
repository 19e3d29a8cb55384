// Inside the frame: says how high it is, and nothing else, to whoever shows it.
const tell = () => parent.postMessage({ caunoiHeight: document.documentElement.scrollHeight }, "*");
new ResizeObserver(tell).observe(document.documentElement);
addEventListener("load", tell);
