/** Writes a command's answer to stdout, and resolves when it is written. A reader that has gone ("| head") is no error. */
export function print(text: string): Promise<void> {
  // Without a listener a failure would end the command twice: here and as an event.
  process.stdout.on("error", () => {});
  return new Promise((resolve, reject) => {
    process.stdout.write(`${text}\n`, (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") reject(error);
      else resolve();
    });
  });
}
