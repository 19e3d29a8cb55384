from bench.histories import History, contradictions


def history(*steps):
    one = History("somebody")
    for kind, values in steps:
        one.wrote(*values) if kind == "write" else one.read(values)
    return one


def test_a_session_may_read_more_but_never_less_than_it_wrote_and_read():
    good = history(("read", ""), ("write", "a"), ("read", "a"), ("read", "ab"), ("write", "c"), ("read", "abc"))
    assert contradictions([good, history()]) == []


def test_ones_own_words_are_missing():
    found = contradictions([history(("write", "a"), ("read", "a"), ("write", "b"), ("read", "a"))])
    assert found == ["somebody, step 3: without its own b"]


def test_what_others_wrote_had_been_there():
    found = contradictions([history(("read", "xy"), ("read", "x"), ("read", "xy"))])
    assert found == ["somebody, step 1: y had been there"]


def test_sessions_know_nothing_of_each_other():
    assert contradictions([history(("write", "a"), ("read", "a")), history(("read", ""))]) == []
