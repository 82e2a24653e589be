// A way on that is taken by itself, once there was time to read where one is.

const READ_MS = 3_000;

export default function onward(link) {
  setTimeout(() => link.isConnected && location.assign(link.href), READ_MS);
}
