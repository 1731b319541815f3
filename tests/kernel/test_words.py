from hedef.kernel.words import lower, search_key, upper


def test_turkish_cases_keep_both_letters_i():
    assert [lower("İZMİR"), lower("IĞDIR"), upper("izmir"), upper("ığdır")] == ["izmir", "ığdır", "İZMİR", "IĞDIR"]


def test_spellings_of_one_name_share_a_key():
    assert {search_key(text) for text in ("İzmir", "IZMIR", "izmir", " ızmir ")} == {"izmir"}
    assert search_key("Öz  Gül") == "öz gül" != search_key("Oz Gul")
