package cases

import "testing"

func TestDocsGrow(t *testing.T) {
	const at = int64(1669165200000000)
	last := int64(0)
	for seq := range int64(4096) {
		if d := newDoc(at, seq); d <= last {
			t.Fatalf("act %d has %d after %d", seq, d, last)
		} else {
			last = d
		}
	}
	if newDoc(at+1, 0) <= last {
		t.Error("numbers do not grow with time")
	}
}
