/** The promise's own end, or a rejection when it takes longer than that. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const give = () => reject(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" }));
    // On a busy host both may be due: what has come in until now is looked at first.
    timer = setTimeout(() => setImmediate(give), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
