/** Which query parameters and headers hold secrets, by their names: docs/headers.md. */

export const redacted = "REDACTED";

/** Ends of names, without "-", "_" and the like: "session_token", "X-Amz-Signature", "AWSAccessKeyId". */
const secretEnd =
  /(token|secret|passw(or)?d|pwd|passphrase|passcode|api-?key|access-?key(id)?|(secret|private|subscription|functions|encryption)key|signature|jwt|credentials?|session(id|key)?|assertion|codeverifier|authorization)$/;

/** What can be a secret when it is the whole name of a parameter: "code" is OAuth's, "key" Google's. */
const secretParameters = new Set([
  "auth",
  "code",
  "hmac",
  "key",
  "otp",
  "pass",
  "pw",
  "samlresponse",
  "sid",
  "sig",
]);

/** Where a list goes on. */
const ordinaryEnd = /(page|next|prev|previous|continuation|sync|cursor|resume|delta|skip|start)token$/;

/** "X-Amz-Signature" → "xamzsignature", "user[password]" → "userpassword". */
function squashed(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** `name` as it stands in the query, without escapes. */
export function isSecretParameter(name: string): boolean {
  const plain = squashed(name);
  return secretParameters.has(plain) || (secretEnd.test(plain) && !ordinaryEnd.test(plain));
}

/** Parts of headers' names; of credentials more is said in headers than in queries, and few of them are ordinary. */
const secretHeader =
  /authorization|cookie|token|secret|passw(or)?d|passphrase|apikey|accesskey|privatekey|subscriptionkey|functionskey|session|jwt|credential|signature|assertion|csrf|xsrf|oidcdata|clientcert|dpop|sslcert/;
const secretHeaderEnd = /(^|[^a-z])(auth|otp|pwd)$/;

/** `name` in lower case. */
export function isSecretHeader(name: string): boolean {
  return secretHeader.test(squashed(name)) || secretHeaderEnd.test(name);
}
