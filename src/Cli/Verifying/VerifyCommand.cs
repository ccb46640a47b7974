using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Granary.Cli;

/// <summary><c>granary verify</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandIo io)
    {
        var store = CommandParts.Store();
        var json = CommandParts.Json();
        var command = new Command(
            "verify",
            "Reads a whole store and checks it: positions and times of the log, versions of every stream, checksums, "
            + "heads, each stream as it is read, and snapshots. Ends with 1 where something is found.")
        {
            store, json,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            parsed.GetValue(json), token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, bool json, CancellationToken cancellationToken)
    {
        OpenedStore store;
        try
        {
            store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        }
        catch (StoreCorruptException fault)
        {
            await WriteAsync(io, new Finding(FindingKinds.Damaged, fault.Message), json);
            return ExitCodes.Found;
        }

        await using (store) return await RunAsync(io, store, json, cancellationToken);
    }

    /// <summary>Verifies an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, bool json, CancellationToken cancellationToken)
    {
        var verification = new StoreVerification(
            store, finding => WriteAsync(io, finding, json).AsTask().GetAwaiter().GetResult());
        await verification.RunAsync(cancellationToken);
        var lines = new OutputLines(io);
        if (json)
            await lines.WriteJsonAsync(writer => WriteSummary(writer, store, verification), cancellationToken);
        else
            foreach (var line in Summary(store, verification)) await lines.WriteTextAsync(line, cancellationToken);
        return verification.Findings == 0 ? ExitCodes.Done : ExitCodes.Found;
    }

    private static async ValueTask WriteAsync(CommandIo io, Finding finding, bool json)
    {
        var lines = new OutputLines(io);
        if (json) await lines.WriteJsonAsync(finding.Write, CancellationToken.None);
        else await lines.WriteTextAsync(
            $"{finding.Kind}: {finding.Where}: {finding.Message}", CancellationToken.None);
    }

    private static IEnumerable<string> Summary(OpenedStore store, StoreVerification verification)
    {
        var streams = verification.Streams!;
        if (streams.Changed > 0)
            yield return $"{Number(streams.Changed)} streams were cleared or truncated meanwhile and not compared.";
        foreach (var (category, count) in streams.NotFolded)
        {
            yield return $"{Number(count)} snapshots of category {category}: only checksum, version and position were "
                + "checked; their states are folded by code that is not here.";
        }

        if (verification.IsCutShort)
            yield return $"There are more findings; it ended after {Number(verification.Findings)}.";
        yield return $"{store.Name}: {Number(verification.Events)} events of {Number(streams.Streams)} streams, "
            + $"{Number(streams.Folded)} snapshots folded anew: "
            + (verification.Findings == 0 ? "nothing found." : $"{Number(verification.Findings)} findings.");
    }

    private static void WriteSummary(Utf8JsonWriter writer, OpenedStore store, StoreVerification verification)
    {
        var streams = verification.Streams!;
        writer.WriteString("store", store.Name);
        writer.WriteNumber("findings", verification.Findings);
        writer.WriteBoolean("complete", !verification.IsCutShort);
        writer.WriteNumber("events", verification.Events);
        writer.WriteNumber("streams", streams.Streams);
        writer.WriteNumber("changedMeanwhile", streams.Changed);
        writer.WriteNumber("snapshotsFolded", streams.Folded);
        writer.WriteNumber("snapshotsNotFolded", streams.NotFolded.Values.Sum());
    }

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
