package parents

// workers do what they are given, on goroutines of their own.
type workers chan func()

func startWorkers(count int) workers {
	jobs := make(workers)
	for i := 0; i < count; i++ {
		go func() {
			for job := range jobs {
				job()
			}
		}()
	}
	return jobs
}

// do waits until the job is done.
func (w workers) do(job func()) {
	done := make(chan struct{})
	w <- func() { defer close(done); job() }
	<-done
}
