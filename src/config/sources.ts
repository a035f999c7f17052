import { type Environment, type Flags, readSome, type Sources } from "./read.ts";

/**
 * Everywhere that settings may be said, the config file among them when one is named.
 * @throws UserError (usage) for a file that can't be read or isn't valid
 */
export async function openSources(flags: Flags, environment: Environment): Promise<Sources> {
  const { configFile } = readSome(["configFile"], { flags, environment });
  if (configFile === undefined) return { flags, environment };
  // YAML's parser is loaded for those who have a file.
  const { readConfigFile } = await import("./file.ts");
  return { flags, environment, file: readConfigFile(configFile, environment) };
}
