/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_search.h"

#include <math.h>
#include <string.h>

static const double first_share = 0.75; /* of the highest rate */
static const double step_up = 4.0 / 3;
static const double step_down = 1.5;     /* the first; later ones are longer */
static const double rounding = 1 + 1e-9; /* ratios of rates are compared up to this */

/* The ends of the bracket. */
struct bracket {
    const struct slo_point *held;  /* NULL for none */
    const struct slo_point *above; /* NULL for none */
};

void slo_search_begin(struct slo_search *search, double lowest_rps, double highest_rps,
                      double precision, unsigned repeats)
{
    *search = (struct slo_search){
        .lowest_rps = lowest_rps,
        .highest_rps = highest_rps,
        .precision = precision,
        .repeats = repeats,
    };
}

enum slo_decision slo_point_decision(const struct slo_point *point)
{
    if (point->refused_in_row >= SLO_SEARCH_REFUSALS)
        return SLO_NOT_JUDGED;
    if (2 * point->met > point->best_of)
        return SLO_HELD;
    return 2 * point->missed >= point->best_of ? SLO_NOT_HELD : SLO_OPEN;
}

static struct bracket find_bracket(const struct slo_search *search)
{
    struct bracket bracket = {NULL, NULL};
    for (size_t i = 0; i < search->count && bracket.above == NULL; i++) {
        const struct slo_point *point = &search->points[i];
        enum slo_decision decision = slo_point_decision(point);
        if (decision == SLO_HELD)
            bracket.held = point;
        else if (decision != SLO_OPEN)
            bracket.above = point;
    }
    return bracket;
}

/* The one rate, if any, that is not decided yet. */
static const struct slo_point *find_open(const struct slo_search *search)
{
    for (size_t i = 0; i < search->count; i++)
        if (slo_point_decision(&search->points[i]) == SLO_OPEN)
            return &search->points[i];
    return NULL;
}

static size_t refused_rates(const struct slo_search *search)
{
    size_t count = 0;
    for (size_t i = 0; i < search->count; i++)
        count += slo_point_decision(&search->points[i]) == SLO_NOT_JUDGED;
    return count;
}

static bool at_highest(const struct slo_search *search, const struct bracket *bracket)
{
    return bracket->above == NULL && bracket->held != NULL &&
           bracket->held->rate_rps * rounding >= search->highest_rps;
}

static bool at_lowest(const struct slo_search *search, const struct bracket *bracket)
{
    return bracket->held == NULL && bracket->above != NULL &&
           bracket->above->rate_rps <= search->lowest_rps * rounding;
}

static bool is_narrow(const struct slo_search *search, const struct bracket *bracket)
{
    return bracket->held != NULL && bracket->above != NULL &&
           bracket->above->rate_rps <= bracket->held->rate_rps * (1 + search->precision) * rounding;
}

/* Whether no other rate has to be tried, so that only the ends remain to be checked. */
static bool is_closed(const struct slo_search *search, const struct bracket *bracket)
{
    return at_highest(search, bracket) || at_lowest(search, bracket) || is_narrow(search, bracket);
}

static bool has_given_up(const struct slo_search *search)
{
    return refused_rates(search) >= SLO_SEARCH_REFUSED_RATES;
}

static bool needs_check(const struct slo_point *point)
{
    return point != NULL && !point->checked && slo_point_decision(point) != SLO_NOT_JUDGED;
}

static double rate_below(const struct slo_search *search, double above_rps)
{
    double so_far = search->points[search->count - 1].rate_rps / above_rps;
    return fmax(search->lowest_rps, above_rps / fmax(step_down, so_far * so_far));
}

static double new_rate(const struct slo_search *search, const struct bracket *bracket)
{
    if (search->count == 0)
        return fmax(search->lowest_rps, first_share * search->highest_rps);
    if (bracket->above == NULL)
        return fmin(search->highest_rps, bracket->held->rate_rps * step_up);
    if (bracket->held == NULL)
        return rate_below(search, bracket->above->rate_rps);
    return sqrt(bracket->held->rate_rps * bracket->above->rate_rps);
}

bool slo_search_next(const struct slo_search *search, double *rate_rps)
{
    const struct slo_point *open = find_open(search);
    struct bracket bracket = find_bracket(search);
    if (has_given_up(search))
        return false;
    if (open != NULL) {
        *rate_rps = open->rate_rps;
        return true;
    }
    if (!is_closed(search, &bracket)) {
        *rate_rps = new_rate(search, &bracket);
        return search->count < SLO_SEARCH_POINTS;
    }
    const struct slo_point *unsure = needs_check(bracket.held)    ? bracket.held
                                     : needs_check(bracket.above) ? bracket.above
                                                                  : NULL;
    if (unsure != NULL)
        *rate_rps = unsure->rate_rps;
    return unsure != NULL;
}

static struct slo_point *point_at(struct slo_search *search, double rate_rps)
{
    size_t at = 0;
    while (at < search->count && search->points[at].rate_rps < rate_rps)
        at++;
    struct slo_point *point = &search->points[at];
    if (at < search->count && point->rate_rps == rate_rps)
        return point;
    memmove(point + 1, point, (search->count - at) * sizeof(*point));
    *point = (struct slo_point){.rate_rps = rate_rps, .best_of = search->repeats};
    search->count++;
    return point;
}

void slo_search_record(struct slo_search *search, double rate_rps, enum slo_outcome outcome)
{
    struct slo_point *point = point_at(search, rate_rps);
    enum slo_decision before = slo_point_decision(point);
    if (outcome == SLO_REFUSED) {
        point->refused++;
        point->refused_in_row++;
        return;
    }
    point->refused_in_row = 0;
    point->met += outcome == SLO_MET;
    point->missed += outcome == SLO_MISSED;
    if (before == SLO_OPEN)
        return;
    point->checked = true;
    if ((before == SLO_HELD) != (outcome == SLO_MET))
        point->best_of = search->repeats + 2;
}

static unsigned bisections(double ratio, double precision)
{
    double parts = log(ratio) / log1p(precision);
    return parts > 1 ? (unsigned)ceil(log2(parts)) : 0;
}

unsigned slo_search_trials_left(const struct slo_search *search)
{
    double rate_rps = 0;
    if (!slo_search_next(search, &rate_rps))
        return 0;
    struct bracket bracket = find_bracket(search);
    const struct slo_point *open = find_open(search);
    unsigned majority = search->repeats / 2 + 1;
    unsigned left = 0;
    if (open != NULL)
        left += majority > open->met + open->missed ? majority - open->met - open->missed : 1;
    if (is_closed(search, &bracket))
        return left + needs_check(bracket.held) + needs_check(bracket.above);
    double ratio = bracket.held != NULL && bracket.above != NULL
                       ? bracket.above->rate_rps / bracket.held->rate_rps
                       : step_up;
    unsigned rates = bisections(ratio, search->precision);
    /* Until both ends are known, one more rate is needed at least; two at the very begin. */
    rates += bracket.held == NULL ? 1U : 0U;
    rates += bracket.above == NULL ? 1U : 0U;
    rates -= open != NULL && rates > 0 ? 1U : 0U;
    return left + rates * majority + 2;
}

static void find_sure_ends(const struct slo_search *search, struct slo_answer *answer)
{
    answer->surely_held_rps = NAN;
    answer->surely_missed_rps = NAN;
    for (size_t i = 0; i < search->count && search->points[i].missed == 0; i++)
        if (search->points[i].met > 0)
            answer->surely_held_rps = search->points[i].rate_rps;
    for (size_t i = search->count; i > 0 && search->points[i - 1].met == 0; i--)
        if (search->points[i - 1].missed > 0)
            answer->surely_missed_rps = search->points[i - 1].rate_rps;
}

struct slo_answer slo_search_answer(const struct slo_search *search)
{
    struct bracket bracket = find_bracket(search);
    struct slo_answer answer = {.held = bracket.held, .above = bracket.above};
    double rate_rps = 0;
    find_sure_ends(search, &answer);
    if (slo_search_next(search, &rate_rps))
        answer.verdict = SLO_UNFINISHED;
    else if (has_given_up(search) || !is_closed(search, &bracket) ||
             (bracket.above != NULL && slo_point_decision(bracket.above) == SLO_NOT_JUDGED))
        answer.verdict = SLO_UNDETERMINED;
    else if (bracket.above == NULL)
        answer.verdict = SLO_AT_HIGHEST;
    else
        answer.verdict = bracket.held == NULL ? SLO_AT_LOWEST : SLO_FOUND;
    return answer;
}
