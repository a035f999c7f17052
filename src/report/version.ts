import manifest from "../../package.json" with { type: "json" };

/** The version of otel-go-auto itself. */
export const version: string = manifest.version;
