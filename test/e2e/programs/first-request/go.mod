module firstrequest

go 1.22
