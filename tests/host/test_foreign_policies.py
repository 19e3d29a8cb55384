"""A dump is played into a server that lacks a role of the one it came from."""

from caunoi.host.clients import understood

SCRIPT = b"""CREATE TABLE public.a (b text);
COPY public.a (b) FROM stdin;
CREATE POLICY sight ON public.a FOR SELECT TO caunoi_reader USING (b
\\.
CREATE POLICY all_rows ON public.a USING (true) WITH CHECK (true);
CREATE POLICY sight ON public.a AS RESTRICTIVE FOR SELECT TO caunoi_reader USING ((b = 'x'::text) OR
CASE b
    WHEN 'y'::text THEN true
END);
COMMENT ON POLICY sight ON public.a IS '089c';
GRANT SELECT ON TABLE public.a TO caunoi_reader;
SELECT 1;
"""


def test_its_policies_and_rights_are_left_out_and_rows_that_look_like_one_stay():
    lines = SCRIPT.splitlines(keepends=True)
    assert list(understood(lines, {b"caunoi", b"caunoi_reader"})) == lines
    kept = [lines[number] for number in (0, 1, 2, 3, 4, 11)]
    assert list(understood(lines, {b"caunoi"})) == kept
