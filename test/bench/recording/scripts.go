package recording

// Script is a pgbench script and the file it is kept in, under test/bench/pgbench.
type Script struct {
	Name string
	Text string
}

// Scripts are the pgbench scripts of a recording.
func Scripts(create, paid Transaction) []Script {
	return []Script{
		{"create.sql", create.Script(false)}, {"create_pipelined.sql", create.Script(true)},
		{"paid.sql", paid.Script(false)}, {"paid_pipelined.sql", paid.Script(true)},
	}
}
