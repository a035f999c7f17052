/** Rules for requests' paths, as they are written: "/healthz", "/internal/*", "/search=0.1". */
import type { SamplingRule } from "./config.ts";
import { InvalidValue, type Parser, ratio, words } from "./values.ts";

/** The kernel's programs look at so many: MAX_PATH_RULES of ebpf/include/path_rules.h. */
export const maxSamplingRules = 32;

/** Bytes of a rule's path without its "*": MAX_RULE_PATH there. */
export const maxRulePath = 64;

/** Characters of a path as it is sent (RFC 3986, 3.3): others stand in it percent-encoded. */
const pathCharacters = /^\/[\w\-.~!$&'()+;=:@%/]*$/;

/** A path, or what paths begin with, and "*": that alone is any path. */
export const rulePath: Parser<string> = (text) => {
  const path = text.replace(/\*$/, "");
  if (text !== "*" && !pathCharacters.test(path))
    throw new InvalidValue(
      'paths that begin with "/", as they are sent: special characters percent-encoded, no query, no comma; a "*" only at the end, for all that begin so',
    );
  if (path.length > maxRulePath) throw new InvalidValue(`paths of at most ${maxRulePath} bytes`);
  return text;
};

/** "/healthz,/internal/*" */
export const rulePaths: Parser<readonly string[]> = (text) => words(text).map(rulePath);

/** "/search=0.1,/api/*=0.5" */
export const samplingRules: Parser<readonly SamplingRule[]> = (text) => words(text).map(samplingRule);

function samplingRule(text: string): SamplingRule {
  const equals = text.lastIndexOf("=");
  if (equals < 0) throw new InvalidValue("path=ratio,path=ratio, for example /search=0.1,/api/*=0.5");
  return { path: rulePath(text.slice(0, equals).trim()), ratio: ratio(text.slice(equals + 1).trim()) };
}
