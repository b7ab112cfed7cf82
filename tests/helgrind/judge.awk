# SPDX-License-Identifier: MIT
# judge.awk -v name=SUITE LOG...: looks at every report in helgrind's logs of a suite, prints those
# that count, and fails if there are any.
#
# Helgrind does not know C11 atomics: to it an atomic load is a plain one, so it reports races "at"
# atomic operations, which by definition are none. A report is passed over only when the very
# statement that it names is an atomic operation; everything else fails: races on plain variables,
# lock order, misuse of mutexes and condition variables. Sources are looked for from the folder
# that this is called in.

# The statement that this line of this file is in: from the line after the last one that ended one.
function statement(file, line,    text, i)
{
    if (!(file in read_files)) {
        read_files[file] = 1
        for (i = 1; (getline text < file) > 0; i++)
            source[file, i] = text
        close(file)
    }
    text = source[file, line]
    for (i = line - 1; i > 0 && source[file, i] !~ /[;{}]$/; i--)
        text = source[file, i] " " text
    return text
}

function is_at_atomic(place,    part)
{
    gsub(/[()]/, "", place)
    split(place, part, ":")
    return statement(part[1], part[2] + 0) ~ /atomic_(load|store|exchange|compare_exchange|fetch)/
}

function end_report()
{
    if (place != "") {
        reports++
        if (text ~ /Possible data race/ && is_at_atomic(place))
            passed++
        else
            printf "%s", text
    }
    in_report = 0
    text = place = ""
}

function end_log()
{
    end_report()
    if (contexts != "" && contexts != reports) {
        printf "%s: %d reports were found, of %d\n", log_file, reports, contexts
        failed = 1
    }
    all_reports += reports
    all_passed += passed
    reports = passed = 0
    contexts = ""
}

FNR == 1 && NR > 1 { end_log() }
FNR == 1 { log_file = FILENAME; logs++ }
# A line of dashes begins a report, and tells the end of the one before.
/^==[0-9]+== -+(Thread-Announcement)?-+$/ { end_report(); in_report = !/Announcement/; next }
/ERROR SUMMARY/ { contexts = $7 }
in_report { text = text $0 "\n" }
/Possible data race/ { place = "" } # what came before tells of the locks that were held
in_report && place == "" && /==    at 0x/ { place = $NF }
END {
    end_log()
    printf "  %-24s %4d processes, %4d reports, %4d of them at atomic operations\n", \
        name ":", logs, all_reports, all_passed
    exit failed || logs == 0 || all_reports != all_passed
}
