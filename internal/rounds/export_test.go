package rounds

import "weixiao/internal/store"

// FinishIn is Finish inside a transaction, for tests that spoil rows and put them back.
func (c *Checker) FinishIn(tx *store.Tx) error { return c.finish(tx) }
