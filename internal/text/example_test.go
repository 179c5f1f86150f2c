package text_test

import (
	"errors"
	"fmt"

	"weixiao/internal/text"
)

func ExampleClean() {
	title, err := text.Clean("  路灯坏了\r\n", 50)
	fmt.Printf("%q %v\n", title, err)

	_, err = text.Clean("路灯坏了，三天没人修", 5)
	var wrong *text.InputError
	if errors.As(err, &wrong) && wrong.Kind == text.ErrTooLong {
		fmt.Printf("最多%d个字，您写了%d个字。\n", wrong.Max, wrong.Count)
	}
	// Output:
	// "路灯坏了" <nil>
	// 最多5个字，您写了10个字。
}

func ExampleIndexText() {
	fmt.Println(text.IndexText("A3区路灯坏了"))
	fmt.Println(text.TSVector("路灯坏了"))
	match, ok := text.MatchFTS5("路灯 5栋")
	fmt.Println(match, ok)
	_, ok = text.MatchFTS5("灯")
	fmt.Println(ok)
	// Output:
	// a3 a3区 区路 路灯 灯坏 坏了
	// '路灯' '灯坏' '坏了'
	// "路灯" AND "5" AND "5栋" true
	// false
}

func ExampleRedact() {
	out, found := text.Redact("我是张三，13812341234，住金源小区3号楼2单元501室，工单JY20221123-7K3Q9。")
	fmt.Println(out)
	for _, f := range found {
		fmt.Println(f.Kind, out[f.Start:f.End])
	}
	// Output:
	// 我是张三，138****1234，住金源小区3号楼***，工单JY20221123-7K3Q9。
	// mobile 138****1234
	// room ***
}

func ExampleMaskName() {
	fmt.Println(text.MaskName("张三"), text.MaskPhone("13812341234"), text.MaskID("110101199003070011"))
	fmt.Println(text.MaskAddress("江源区江南社区金源小区3号楼2单元501室"))
	// Output:
	// 张* 138****1234 110101********0011
	// 江源区江南社区金源小区***
}

func ExampleSignature_Keys() {
	index := make(map[int64]string) // a table with an index, in real life
	for _, k := range text.SignatureOf("金源小区3号楼楼道灯坏了，三天没人修，请尽快处理").Keys() {
		index[k] = "first"
	}
	again := "金源小区3号楼楼道灯坏了，五天没人修，请尽快处理！"
	for _, k := range text.SignatureOf(again).Keys() {
		if index[k] != "" {
			fmt.Println("perhaps the same as the", index[k])
			break
		}
	}
	fmt.Printf("%.2f\n", text.Similarity("金源小区3号楼楼道灯坏了，三天没人修，请尽快处理", again))
	// Output:
	// perhaps the same as the first
	// 0.74
}

func ExampleTrain() {
	c, err := text.Train([]text.Example{
		{Text: "路灯坏了没人修", Label: "市政"}, {Text: "路灯不亮", Label: "市政"}, {Text: "井盖丢了", Label: "市政"},
		{Text: "暖气不热", Label: "供热"}, {Text: "暖气漏水", Label: "供热"}, {Text: "供暖温度不够", Label: "供热"},
	}, text.TrainOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	best := c.Predict("今年家里暖气一直不热", 1)[0]
	fmt.Println(best.Label, best.P > 0.5, c.Reasons("今年家里暖气一直不热", best.Label, 1)[0].Gram)
	// Output: 供热 true 暖气
}
