// Prints every struct in the DWARF data of a Go binary as Go's own reader of DWARF sees it, one JSON object a line.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/json"
	"log"
	"os"
)

type field struct {
	Name     string `json:"name"`
	Offset   int64  `json:"offset"`
	TypeName string `json:"typeName"`
	Embedded bool   `json:"embedded"`
}

type layout struct {
	Name   string  `json:"name"`
	Size   int64   `json:"size"`
	Fields []field `json:"fields"`
}

func main() {
	file, err := elf.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	data, err := file.DWARF()
	if err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	unit := ""
	for entries := data.Reader(); ; {
		entry, err := entries.Next()
		if err != nil {
			log.Fatal(err)
		}
		if entry == nil {
			return
		}
		if entry.Tag == dwarf.TagCompileUnit {
			unit, _ = entry.Val(dwarf.AttrName).(string)
		}
		if entry.Tag == dwarf.TagStructType && unit == "runtime" {
			out.Encode(read(data, entries, entry))
		}
	}
}

func read(data *dwarf.Data, entries *dwarf.Reader, entry *dwarf.Entry) layout {
	found := layout{Fields: []field{}}
	found.Name, _ = entry.Val(dwarf.AttrName).(string)
	found.Size, _ = entry.Val(dwarf.AttrByteSize).(int64)
	for entry.Children {
		member, err := entries.Next()
		if err != nil {
			log.Fatal(err)
		}
		if member.Tag == 0 {
			break
		}
		name, _ := member.Val(dwarf.AttrName).(string)
		offset, _ := member.Val(dwarf.AttrDataMemberLoc).(int64)
		embedded, _ := member.Val(dwarf.Attr(0x2903)).(bool)
		reference, _ := member.Val(dwarf.AttrType).(dwarf.Offset)
		types := data.Reader()
		types.Seek(reference)
		target, err := types.Next()
		if err != nil {
			log.Fatal(err)
		}
		typeName, _ := target.Val(dwarf.AttrName).(string)
		found.Fields = append(found.Fields, field{name, offset, typeName, embedded})
	}
	return found
}
