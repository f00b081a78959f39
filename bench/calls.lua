-- What each client of the bench says, and how each answer is checked: run by wrk with one connection a thread, so
-- that a thread's state is its client's. bench/calls.mjs says the same for those who can't have wrk.
--
-- orders KEY RUN FILE        create a purchase, commit to it, ask for approval (which makes the order), and again;
--                            FILE gets a line for each order: the ids of purchase, commitment, request, order
-- purchases KEY FIRST LAST   read any purchase of FIRST to LAST
-- page KEY PATH EXPECTED     read PATH, whose answer must hold EXPECTED

local threads = {}
local steps, step
local authorization
local orders, file = {}, nil
local purchase, commitment
failures, failure, made = 0, "", ""

local PURCHASE = [[{"ownerId": 35, "natureId": 1, "costCenterId": 3, "establishmentId": 1, "departmentId": 14,
 "supplier": {"id": 6, "name": "Supplier 6", "territoryId": "FR"}, "title": "Purchase entry test",
 "axisSectionIds": [361]}]]
local COMMITMENT = [[{"purchaseId": %d, "costDate": "2025-04-14", "invoiceDate": "2025-04-14",
 "amountIncludingTaxes": {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": []},
 "type": "OneTimeCommitment", "attachmentIds": [], "state": "Created", "comment": "Comment", "paymentMethod": null}]]

local function post(path, body)
    local headers = {
        ["Authorization"] = authorization,
        ["Idempotency-Key"] = string.format("%s-%d-%d", run, number, #orders),
    }
    if body then headers["Content-Type"] = "application/json" end
    return wrk.format("POST", "/cleemy-procurement/api" .. path, headers, body)
end

local function get(path)
    return wrk.format("GET", "/cleemy-procurement/api" .. path, { ["Authorization"] = authorization })
end

local function three_calls()
    local create, commit, submit = {}, {}, {}
    function create.say() return post("/purchases", PURCHASE) end
    function create.check(status, body)
        purchase = body:match('^{"id":(%d+),')
        return status == 201 and purchase and body:find('"state":"Created"', 1, true), commit
    end
    function commit.say() return post("/commitments", COMMITMENT:format(purchase)) end
    function commit.check(status, body)
        commitment = body:match('"commitmentId":(%d+)')
        return status == 201 and commitment and body:find('"purchase":{"id":' .. purchase .. ",", 1, true), submit
    end
    function submit.say() return post("/commitments/" .. commitment .. "/requests") end
    function submit.check(status, body)
        local request, order = body:match('^{"id":(%d+),'), body:match('"order":{"id":(%d+),')
        orders[#orders + 1] = table.concat({ purchase, commitment, request or "-", order or "-" }, " ")
        return status == 201 and request and order
            and body:find('"commitmentId":' .. commitment .. ",", 1, true)
            and body:find('"state":"Approved"', 1, true), create
    end
    return create
end

local function any_purchase(first, last)
    local read = {}
    function read.say()
        purchase = math.random(first, last)
        return get("/purchases/" .. purchase)
    end
    function read.check(status, body)
        return status == 200 and body:find('^{"id":' .. purchase .. ","), read
    end
    return read
end

local function page(path, expected)
    local read = {}
    function read.say() return get(path) end
    function read.check(status, body) return status == 200 and body:find(expected, 1, true), read end
    return read
end

function setup(thread)
    thread:set("number", #threads)
    threads[#threads + 1] = thread
end

function init(args)
    local what, key = args[1], args[2]
    authorization = "lucca application=" .. key
    math.randomseed(number)
    if what == "orders" then
        run, file, step = args[3], args[4], three_calls()
    elseif what == "purchases" then
        step = any_purchase(tonumber(args[3]), tonumber(args[4]))
    else
        step = page(args[3], args[4])
    end
    ids_file = file
end

function request() return step.say() end

function response(status, _, body)
    local right, next_step = step.check(status, body)
    if right then
        step = next_step
        made = orders
    else
        failures, failure = failures + 1, status .. " " .. body:sub(1, 400)
        wrk.thread:stop()
    end
end

local function quoted(text) return '"' .. text:gsub("[%c\"\\]", " ") .. '"' end

function done(summary, latency)
    local failed, example, all = 0, "", {}
    for _, thread in ipairs(threads) do
        failed = failed + thread:get("failures")
        if thread:get("failure") ~= "" then example = thread:get("failure") end
        local of_thread = thread:get("made")
        if type(of_thread) == "table" then
            for _, line in ipairs(of_thread) do all[#all + 1] = line end
        end
    end
    local path = threads[1]:get("ids_file")
    if path then
        local ids = assert(io.open(path, "w"))
        ids:write(table.concat(all, "\n"), "\n")
        ids:close()
    end
    local errors = summary.errors
    print(string.format(
        'result {"calls": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "lost": %d, "wrong": %d, "example": %s}',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.timeout, failed, quoted(example)))
end
