/** What the agent says about a target once it is attached. */
import type { ObjectStatus } from "../kernel/index.ts";
import type { Attachment, LibraryPlan } from "../plan/types.ts";
import { log } from "../report/log.ts";
import { startMessages } from "../report/start.ts";
import type { UserError } from "../report/user-error.ts";
import { isLate } from "./late-probes.ts";

/** A line for each library that the program has, and one for all that it hasn't. */
export function reportLibraries(plans: readonly LibraryPlan[], statuses: readonly ObjectStatus[]): void {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  for (const plan of plans) {
    const { name } = plan.library;
    if (plan.status === "attach") reportAttachment(plan, byName.get(name));
    else if (plan.status !== "absent") log.info(startMessages.notAttached(name, plan.reason));
  }
  const absent = plans.filter(({ status }) => status === "absent").map(({ library }) => library.name);
  if (absent.length > 0) log.info(startMessages.absent(absent));
}

function reportAttachment(plan: Attachment, status: ObjectStatus | undefined): void {
  const { library, without, fields } = plan;
  const { name } = library;
  if (status?.attached)
    log.info(
      isLate(plan) || library.needsOthers
        ? startMessages.waiting(name)
        : startMessages.library(name, status.sites),
    );
  else if (status) log.warn(startMessages.notAttached(name, described(status.error)));
  for (const what of without) log.warn(startMessages.without(name, what));
  for (const [constant, field] of fields) {
    if (field.source === "nearest older version") log.warn(startMessages.guessedOffset(name, field));
    log.debug(`  ${constant} = ${field.offset} (${field.name}, from ${field.source})`);
  }
}

function described({ explanation: { what, why } }: UserError): string {
  return why ? `${what}: ${why}` : what;
}
