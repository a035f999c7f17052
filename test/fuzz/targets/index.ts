import type { Target } from "../support/target.ts";
import { target as buildInfo } from "./build-info.ts";
import { target as configFile } from "./config-file.ts";
import { target as debugSections } from "./debug-sections.ts";
import { target as dwarf } from "./dwarf.ts";
import { target as elf } from "./elf.ts";
import { target as functions } from "./functions.ts";
import { target as instructions } from "./instructions.ts";
import { target as offsets } from "./offsets.ts";
import { target as payloads } from "./payloads.ts";
import { target as plan } from "./plan.ts";
import { target as proc } from "./proc.ts";
import { target as records } from "./records.ts";
import { target as relocations } from "./relocations.ts";
import { target as settings } from "./settings.ts";
import { target as sites } from "./sites.ts";
import { target as sql } from "./sql.ts";
import { target as symbols } from "./symbols.ts";
import { target as types } from "./types.ts";
import { target as whole } from "./whole.ts";

export const targets: readonly Target[] = [
  ...[elf, relocations, buildInfo, functions, types, debugSections, dwarf, symbols],
  ...[instructions, sites, plan, whole],
  ...[offsets, records, payloads, proc, settings, configFile, sql],
];
