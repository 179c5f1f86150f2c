package main

// english are the names in the spelling of 汉语拼音, by name without its ending.
var english = map[string]string{
	"孙家堡子": "Sunjiapuzi", "江源": "Jiangyuan", "正岔": "Zhengcha", "城墙": "Chengqiang", "湾沟": "Wangou",
	"松树": "Songshu", "砟子": "Zhazi", "石人": "Shiren", "大阳岔": "Dayangcha", "大石人": "Dashiren",

	"江南": "Jiangnan", "苇塘": "Weitang", "民强": "Minqiang", "新世": "Xinshi", "盛丰": "Shengfeng",
	"利民": "Limin", "协力": "Xieli", "江北": "Jiangbei", "富强": "Fuqiang", "城关": "Chengguan",
	"爱民": "Aimin", "大华": "Dahua", "荣华": "Ronghua", "东升": "Dongsheng", "红旗": "Hongqi",
	"城华": "Chenghua", "新开": "Xinkai", "立新": "Lixin", "森工": "Sengong", "育林": "Yulin",
	"金枫": "Jinfeng", "三岔子": "Sanchazi", "爱林": "Ailin", "五岔": "Wucha", "七岔": "Qicha",
	"新华": "Xinhua", "和平": "Heping", "胜利": "Shengli", "兴工": "Xinggong", "富林": "Fulin",
	"长林": "Changlin", "沙金": "Shajin", "平川": "Pingchuan", "西川": "Xichuan", "北山": "Beishan",
	"四平": "Siping", "宝山": "Baoshan", "齐心": "Qixin", "矿工": "Kuanggong", "水洞": "Shuidong",
	"前山": "Qianshan", "汤河": "Tanghe", "振兴": "Zhenxing", "青山": "Qingshan", "丰产": "Fengchan",
	"长胜": "Changsheng", "大安": "Da'an", "太平": "Taiping", "富兴": "Fuxing", "永安": "Yong'an",
	"头道": "Toudao", "八宝": "Babao", "育林新": "Yulinxin", "林子头": "Linzitou", "后堡子": "Houpuzi",
	"小河口": "Xiaohekou", "大石棚子": "Dashipengzi", "天桥": "Tianqiao", "老岭": "Laoling", "车站": "Chezhan",
	"榆木桥子": "Yumuqiaozi", "头道阳岔": "Toudaoyangcha", "荣斌": "Rongbin", "遥林": "Yaolin",
	"前葫芦": "Qianhulu", "路庄子": "Luzhuangzi", "小东岔": "Xiaodongcha", "小洋桥": "Xiaoyangqiao",
	"后葫芦": "Houhulu", "棒槌砬子": "Bangchuilazi", "光环": "Guanghuan", "红石": "Hongshi",
	"小石人": "Xiaoshiren", "护林": "Hulin",
}
