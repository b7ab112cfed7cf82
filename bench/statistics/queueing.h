/* SPDX-License-Identifier: MIT */
/*
 * What queueing theory expects of workers that take requests from one queue. Pure; any thread.
 *
 * M/M/c (Erlang C; Poisson arrivals, exponential service, c workers), with the load a = λS and
 * the utilization ρ = a / c:
 *
 *   B(0) = 1, B(k) = a·B(k-1) / (k + a·B(k-1))          Erlang B
 *   Pwait = B(c) / (1 - ρ·(1 - B(c)))                   a request has to wait
 *   Wq = Pwait / (c/S - λ)                              mean wait
 *   P(wait > t) = Pwait · exp(-(c/S - λ)·t)
 *
 * With ρ >= 1 the queue grows without end: Pwait and P(wait > t) are 1, waits are INFINITY.
 */
#ifndef CREW_BENCH_QUEUEING_H
#define CREW_BENCH_QUEUEING_H

struct queueing {
    double arrivals_rps;
    double service_us; /* mean time that a worker spends on a request */
    unsigned workers;  /* at least 1 */
};

/* ρ; 1 and more when the workers cannot keep up. */
double queueing_utilization(const struct queueing *queue);

double queueing_wait_probability(const struct queueing *queue);

double queueing_mean_wait_us(const struct queueing *queue);

/* P(wait > t), for t of at least 0. */
double queueing_wait_exceeds(const struct queueing *queue, double t_us);

/* The wait that this share (like 0.99) of requests does not exceed; 0 while so many do not wait. */
double queueing_wait_quantile_us(const struct queueing *queue, double quantile);

/*
 * (ca² + cs²) / 2: the factor by which the mean wait of G/G/c differs from that of M/M/c (Allen
 * and Cunneen; Allen 1990, "Probability, Statistics, and Queueing Theory"), from the coefficients
 * of variation of the times between arrivals and of the service times.
 */
double queueing_variability(double arrival_variation, double service_variation);

/*
 * Little's law: how many there are on average, when rate_rps arrive and each stays time_us. With
 * the service time: busy workers; with the wait: the queue's length; with the response time:
 * requests outstanding.
 */
double queueing_little(double rate_rps, double time_us);

/* How far a closed loop is off K = X·(R + Z): X·(R + Z) / K - 1; a share, NAN when K is 0. */
double queueing_little_error(double outstanding, double rate_rps, double response_us,
                             double think_us);

/*
 * How many workers keep the cores busy: cores · U · (1 + W/C) (Goetz, "Java Concurrency in
 * Practice", 8.2), from the utilization aimed at (0 to 1) and a request's wait and CPU time.
 * INFINITY when it takes no CPU time.
 */
double queueing_goetz(double cores, double utilization, double wait_us, double cpu_us);

#endif
