using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Reads the whole log and every state when all faults are over, and fails where they are not what the clients know.
/// </summary>
internal static class LogJudge
{
    /// <summary>Judges.</summary>
    /// <param name="log">Where the log is read.</param>
    /// <param name="urls">Where states are read: each stream at one of them, all of them in turn.</param>
    /// <param name="partitions">How many partitions the log has.</param>
    /// <param name="sent">What the clients know.</param>
    /// <param name="output">Where the figures are written.</param>
    public static async Task JudgeAsync(
        Uri log, IReadOnlyList<Uri> urls, int partitions, IEnumerable<SentAppend> sent, ITestOutputHelper output)
    {
        var oracle = new Oracle();
        using var reader = new Api(log);
        for (var partition = 0; partition < partitions; partition++)
        {
            foreach (var one in await reader.PagesAsync($"/api/log?partition={partition}"))
                oracle.Read(Logged(partition, one));
        }

        oracle.Compare(sent);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{oracle.Events} events, {oracle.Acknowledged} acknowledged, {oracle.Lost} lost, "
            + $"{oracle.Doubled} doubled"));
        Assert.True(oracle.Faults.Count == 0, string.Join('\n', oracle.Faults));
        await JudgeStatesAsync(urls, oracle);
    }

    private static async Task JudgeStatesAsync(IReadOnlyList<Uri> urls, Oracle oracle)
    {
        var apis = urls.Select(static url => new Api(url)).ToArray();
        await Parallel.ForEachAsync(oracle.Streams.Index(), TestContext.Current.CancellationToken, async (one, _) =>
        {
            var (stream, fold) = one.Item;
            var answer = await apis[one.Index % apis.Length].GetAsync($"/api/streams/{stream}/state");
            var state = answer.Is(HttpStatusCode.OK).Json;
            Assert.True(fold.Is(state["version"]!.GetValue<long>(), state["state"]),
                $"{stream} at {urls[one.Index % apis.Length]} is no fold of the log: {state}");
        });
        foreach (var api in apis) api.Dispose();
    }

    private static LoggedEvent Logged(int partition, JsonNode one)
    {
        var data = one["data"]!;
        return new LoggedEvent(
            partition, one["position"]!.GetValue<long>(), one["stream"]!.GetValue<string>(),
            one["version"]!.GetValue<long>(), data["writer"]!.GetValue<int>(), data["append"]!.GetValue<int>(),
            data["at"]!.GetValue<int>());
    }
}
