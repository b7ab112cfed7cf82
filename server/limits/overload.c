/* SPDX-License-Identifier: MIT */
#include "server/limits/overload.h"

#include "common/log.h"

#include <inttypes.h>

void overload_init(struct overload *overload, bool sheds, uint64_t interval_ns, uint64_t target_ns)
{
    *overload = (struct overload){
        .interval_ns = sheds ? interval_ns : UINT64_MAX,
        .target_ns = target_ns,
    };
}

static bool is_over(uint64_t since_ns, uint64_t interval_ns, uint64_t now_ns)
{
    return now_ns > since_ns && now_ns - since_ns > interval_ns;
}

bool overload_sheds(struct overload *overload, uint64_t standing_since_ns, uint64_t now_ns)
{
    uint64_t interval_ns = overload->interval_ns;
    uint64_t late_since_ns = atomic_load_explicit(&overload->late_since_ns, memory_order_relaxed);
    /* Also when the queue was empty meanwhile, or is now: then it has to stand anew. */
    if (late_since_ns == 0 || late_since_ns < standing_since_ns) {
        late_since_ns = now_ns;
        atomic_store_explicit(&overload->late_since_ns, now_ns, memory_order_relaxed);
    }
    bool sheds = overload_lasts(overload, now_ns);
    if (is_over(standing_since_ns, interval_ns, now_ns) &&
        (sheds || is_over(late_since_ns, interval_ns, now_ns))) {
        atomic_store_explicit(&overload->until_ns, now_ns + 2 * interval_ns, memory_order_relaxed);
        sheds = true;
    }
    return sheds;
}

void overload_tell(struct overload *overload, uint64_t now_ns)
{
    uint64_t shed = atomic_load_explicit(&overload->shed, memory_order_relaxed);
    if (!overload->told && shed > overload->told_shed) {
        overload->told = true;
        log_write(LOG_LEVEL_WARN, "shedding", "requests=%" PRIu64, shed - overload->told_shed);
    }
    if (!overload->told || overload_lasts(overload, now_ns))
        return;
    log_write(LOG_LEVEL_WARN, "shedding_ended", "requests=%" PRIu64, shed - overload->told_shed);
    overload->told = false;
    overload->told_shed = shed;
}
