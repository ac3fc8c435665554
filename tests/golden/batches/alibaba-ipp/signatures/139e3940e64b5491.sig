ç£.g˜¾šÍ(•?Ä+B¶rVàVmcaúýNãBìž®j…ÏDã¾c-¦åqš+‹R÷ifRJ¼
á"…j