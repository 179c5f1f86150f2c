package cases

// Lot draws for a case number and version.
func (c *Cases) Lot(number string, version int64) float64 {
	return c.lot(&Case{Number: number, Version: version})
}
