/** In milliseconds. */
const interval = 1000;

const looks = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `look` once a second until the result is called, at the same moment as all others: what an agent costs that has
 * nothing to do is waking up, some 0.5 ms of a core each time on a virtual machine. Keeps Node alive.
 */
export function everySecond(look: () => void): () => void {
  looks.add(look);
  timer ??= setInterval(lookAll, interval);
  return () => {
    looks.delete(look);
    if (looks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Until then. Throws the signal's reason when it is aborted. */
export function nextSecond(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = everySecond(() => {
      end();
      resolve();
    });
    const end = () => {
      stop();
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
  });
}

function lookAll(): void {
  for (const look of [...looks]) if (looks.has(look)) look();
}
