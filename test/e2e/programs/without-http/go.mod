module without

go 1.22
