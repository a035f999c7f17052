import { join } from "node:path";
import { sha256 } from "../src/offsets/checksum.ts";
import { readBounded } from "../src/offsets/read-bounded.ts";
import { swapFile } from "../src/offsets/swap.ts";
import { decodeOffsets } from "../src/offsets/table.ts";

const [folder = "dist/offsets", file = "offsets.json"] = process.argv.slice(2);

// What no agent would take isn't published.
const content = readBounded(file);
const { fieldCount } = decodeOffsets(content);
// The checksum last: who reads between the two finds that they don't match, and tries again.
swapFile(join(folder, "offsets.json"), content);
swapFile(join(folder, "offsets.json.sha256"), Buffer.from(`${sha256(content)}  offsets.json\n`));
console.log(`${folder}: offsets.json with ${fieldCount} fields, ${content.length} bytes, and its checksum`);
