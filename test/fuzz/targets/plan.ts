// Layouts of the types that libraries ask for, up to the constants of the BPF programs.
import { openGoBinary } from "../../../src/binary/index.ts";
import type { GoBinary, StructType } from "../../../src/binary/types.ts";
import { libraries } from "../../../src/generated/registry.ts";
import { planLibraries } from "../../../src/plan/plan.ts";
import { pick, type Random } from "../support/random.ts";
import type { Subject, Target } from "../support/target.ts";

const numbers = [0, 1, 255, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53];

export const target: Target = {
  name: "plan",
  isRefusal: () => false,
  subjects: ({ servers }) => servers.map(ofProgram),
};

/** A program whose types say something else at each mutation. */
function ofProgram(path: string): Subject {
  const binary = openGoBinary(path);
  let odd: Random = () => 0;
  let [changes, first] = [0, 0];
  const number = (value: number) => (++changes === first ? pick(numbers, odd) : value);
  const struct = (found: StructType | undefined) =>
    found && { ...found, fields: found.fields.map((field) => ({ ...field, offset: number(field.offset) })) };
  return {
    mutate(random) {
      [odd, changes, first] = [random, 0, 1 + random(300)];
      return `number ${first} of its layouts`;
    },
    read() {
      const types = Object.create(binary.types, {
        struct: { value: (name: string) => struct(binary.types.struct(name)) },
      });
      const broken: GoBinary = Object.create(binary, {
        types: { value: types },
        debug: { value: undefined },
      });
      planLibraries(broken, libraries, { disabled: [], loadBias: 0, offsets: () => [] });
    },
    repair: () => {},
  };
}
