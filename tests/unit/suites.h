/* SPDX-License-Identifier: MIT */
/* Every unit-test suite: one for each module, in test_<module>.c. Add a module to this list. */
#ifndef CREW_TESTS_UNIT_SUITES_H
#define CREW_TESTS_UNIT_SUITES_H

#include <check.h>

#define UNIT_SUITES(X)                                                                             \
    X(analysis)                                                                                    \
    X(analysis_doubts)                                                                             \
    X(analysis_gaps)                                                                               \
    X(analysis_json)                                                                               \
    X(analysis_latency)                                                                            \
    X(analysis_report)                                                                             \
    X(analysis_sentences)                                                                          \
    X(analysis_slo)                                                                                \
    X(arrivals)                                                                                    \
    X(bench_connection)                                                                            \
    X(bench_connection_end)                                                                        \
    X(bench_host)                                                                                  \
    X(bench_info)                                                                                  \
    X(bench_number)                                                                                \
    X(bootstrap)                                                                                   \
    X(byte_buffer)                                                                                 \
    X(calibration)                                                                                 \
    X(call)                                                                                        \
    X(chart)                                                                                       \
    X(checks)                                                                                      \
    X(choice)                                                                                      \
    X(choice_gaps)                                                                                 \
    X(command_names)                                                                               \
    X(command_table)                                                                               \
    X(compare_report)                                                                              \
    X(comparison)                                                                                  \
    X(connection)                                                                                  \
    X(connection_table)                                                                            \
    X(cpus)                                                                                        \
    X(dial)                                                                                        \
    X(endpoint)                                                                                    \
    X(engine)                                                                                      \
    X(engine_failures)                                                                             \
    X(format)                                                                                      \
    X(frame)                                                                                       \
    X(glob)                                                                                        \
    X(help)                                                                                        \
    X(histogram)                                                                                   \
    X(histogram_subtract)                                                                          \
    X(histogram_text)                                                                              \
    X(history)                                                                                     \
    X(html)                                                                                        \
    X(input)                                                                                       \
    X(interval)                                                                                    \
    X(json)                                                                                        \
    X(json_reader)                                                                                 \
    X(kernel_accounting)                                                                           \
    X(lack_of_fit)                                                                                 \
    X(load_file)                                                                                   \
    X(lock)                                                                                        \
    X(log)                                                                                         \
    X(markup)                                                                                      \
    X(measurement)                                                                                 \
    X(model_server)                                                                                \
    X(moderation)                                                                                  \
    X(noise)                                                                                       \
    X(numeric)                                                                                     \
    X(option)                                                                                      \
    X(option_words)                                                                                \
    X(percentile_floor)                                                                            \
    X(picture)                                                                                     \
    X(picture_latency)                                                                             \
    X(picture_server)                                                                              \
    X(picture_throughput)                                                                          \
    X(png)                                                                                         \
    X(punctuality)                                                                                 \
    X(quantity)                                                                                    \
    X(queue_recursion)                                                                             \
    X(queueing)                                                                                    \
    X(ready_queue)                                                                                 \
    X(recording)                                                                                   \
    X(reply)                                                                                       \
    X(report)                                                                                      \
    X(report_file)                                                                                 \
    X(request_kind)                                                                                \
    X(request_times)                                                                               \
    X(resp_encode)                                                                                 \
    X(resp_reply)                                                                                  \
    X(resp_request)                                                                                \
    X(results)                                                                                     \
    X(results_export)                                                                              \
    X(results_file)                                                                                \
    X(run)                                                                                         \
    X(sample)                                                                                      \
    X(scalability)                                                                                 \
    X(scale)                                                                                       \
    X(settings)                                                                                    \
    X(slo)                                                                                         \
    X(slo_objective)                                                                               \
    X(slo_search)                                                                                  \
    X(slo_sentence)                                                                                \
    X(statistics)                                                                                  \
    X(svg)                                                                                         \
    X(sweep_plan)                                                                                  \
    X(terminal_chart)                                                                              \
    X(text_table)                                                                                  \
    X(thread_accounting)                                                                           \
    X(validity)                                                                                    \
    X(warm_up)                                                                                     \
    X(whole_file)                                                                                  \
    X(words)                                                                                       \
    X(worker_list)                                                                                 \
    X(workload)

#define DECLARE_SUITE(module) Suite *module##_suite(void);
UNIT_SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

#endif
