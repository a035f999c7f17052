module stack

go 1.17
