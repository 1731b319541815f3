"""Pure reading of files: bytes -> text table -> vendor and object -> mapping -> decisions -> typed columns.

    sniffed  = sniff(path)                                  # encoding, separator, header, titles, footers
    table    = read_table(path, sniffed)                    # every cell as text, every row counted
    found    = detect(sniffed.header)                       # vendor and shape, or none
    mapping  = shipped_mapping(found.vendor, found.shape)
    bound    = bind(mapping, sniffed.header)                # columns of this file -> fields
    decided  = decide_table(table, bound, saved=..., person=...)   # date order, decimal mark, per cent, day or instant
    typed    = read_fields(table, bound, decided, ...)      # int64, date, text columns and their errors

Nothing here knows a database, a clock or the web.
"""
