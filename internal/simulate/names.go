package simulate

import (
	"fmt"
	"math/rand/v2"
)

// surnames as often as they are met in the north-east, more or less.
var surnames = []rune("王王王王李李李李张张张张刘刘刘陈杨赵赵孙孙孙徐于于于高姜姜宋郭马朱胡林何吕韩冯曲曹丛邹丁迟隋")

// given are characters of given names; two of them make most names.
var given = []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉梅玲红燕文辉建国志海波鹏宇婷雪晶丹慧鑫凤琴春福贵德生财忠义民东宝成利学斌晓欣佳琪浩然子涵梓萱雨轩")

// person is a made-up name.
func person(r *rand.Rand) string {
	n := string(pick(r, surnames)) + string(pick(r, given))
	if r.IntN(5) > 0 {
		n += string(pick(r, given))
	}
	return n
}

// phone is a number of a range that is never assigned: four zeros after the
// network's prefix.
func phone(r *rand.Rand) string {
	return fmt.Sprintf("%s0000%04d", pick(r, []string{"199", "198"}), r.IntN(10000))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance is true with probability p.
func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// between draws from [a, b).
func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }
