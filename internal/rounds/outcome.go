package rounds

// outcome is what became of a case that a finding was sent up as.
type outcome struct {
	finding string
	state   string // in which it ended; "" = it is open
	solved  string // what the reporter said: solved basic part no
	at      int64
}
