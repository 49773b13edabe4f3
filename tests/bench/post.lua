-- POST /v1/videos with JSON; the key comes in the environment
wrk.method = "POST"
wrk.body = '{"model":"sandbox","prompt":"a red fox in the snow, wide shot, soft light","seconds":"4","size":"720x1280"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY")
-- one line for bench.sh: requests a second, p50 and p99 in ms, MB/s, answers that were no success
done = function(summary, latency, requests)
	local s = summary.duration / 1e6
	io.write(string.format("RESULT %.0f %.2f %.2f %.0f %d\n", summary.requests / s,
		latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.bytes / s / 1e6,
		summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
