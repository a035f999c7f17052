/** Where the running kernel keeps fields of its own structs. */
import { socketTierOff } from "../report/propagation.ts";
import { addon, isSystemError } from "./addon.ts";

/** Names of a struct and of its field. */
export type KernelField = readonly [struct: string, field: string];

/** Bytes from each struct's begin, under the same names; a text says why they are not known. */
export function kernelOffsets<Name extends string>(
  fields: Readonly<Record<Name, KernelField>>,
): Readonly<Record<Name, number>> | string {
  const entries = Object.entries<KernelField>(fields);
  let offsets: readonly (number | undefined)[];
  try {
    offsets = addon().kernelFieldOffsets(entries.map(([, field]) => field));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return socketTierOff.noKernelTypes;
  }
  const missing = entries.find((_, i) => offsets[i] === undefined);
  if (missing) return socketTierOff.unknownKernelField(...missing[1]);
  return Object.fromEntries(entries.map(([name], i) => [name, offsets[i]])) as Record<Name, number>;
}

/** Undefined: the kernel's type information can't be read. */
export function kernelHasField(field: KernelField): boolean | undefined {
  const offsets = kernelOffsets({ field });
  return typeof offsets !== "string" || (kernelTypesReadable() ? false : undefined);
}

/** Whether the kernel's type information can be read. */
export function kernelTypesReadable(): boolean {
  return typeof kernelOffsets({ taskFiles: ["task_struct", "files"] }) !== "string";
}
