package public_test

import (
	"testing"

	"weixiao/internal/store/storetest"
	"weixiao/internal/web/uitest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }
