module example.com/dwarf-oracle

go 1.26
