package report

// Measures of GB/T 9704-2012, in twips (1/1440 inch; 1 mm = 56.7) and half-points.
const (
	pageW, pageH = 11906, 16838 // A4, 210 x 297 mm
	marginTop    = 2098         // 天头 37 mm
	marginLeft   = 1588         // 订口 28 mm
	marginRight  = 1474         // 26 mm: the type area is 156 mm wide
	marginBottom = 1984         // 35 mm: the type area is 225 mm high
	footer       = 1587         // the page number stands 7 mm under the type area: 35 - 7 = 28 mm from the edge
	textW        = pageW - marginLeft - marginRight

	// 22 lines of 28 characters: 225 mm / 22 = 29 pt a line, 156 mm / 28 = 15.8 pt a character of 16 pt.
	line      = 579
	charSpace = -844 // in 1/4096 of a point: (156 mm / 28 - 16 pt) as Word counts it

	size3  = 32 // 3号, 16 pt
	size2  = 44 // 2号, 22 pt
	size4  = 28 // 4号, 14 pt
	organ  = 84 // 发文机关标志: at most 22 mm by 15 mm; 42 pt unless it is long
	indent = 2  // characters at the beginning of a paragraph

	song     = "方正小标宋简体"
	imitated = "仿宋_GB2312"
	black    = "黑体"
	regular  = "楷体_GB2312"
	roman    = "Times New Roman"
	red      = "FF0000"
)

// organSize is the size of the organ's name so that it fits on one line: its full size up to 9 characters.
func organSize(name string) int {
	n := len([]rune(name))
	if n == 0 {
		return organ
	}
	fit := textW / n / 10 // half-points of a character as wide as it is high: twips / 20 * 2
	return min(organ, max(fit, size2))
}
