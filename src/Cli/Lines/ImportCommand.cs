using System.CommandLine;
using System.Globalization;

namespace Granary.Cli;

/// <summary><c>granary import</c>.</summary>
internal static class ImportCommand
{
    public static Command Create(CommandIo io)
    {
        var store = CommandParts.Store();
        var input = new Option<string?>("--input", "-i") { Description = "The file; standard input without." };
        var partitions = new Option<int?>("--partitions") { Description = "How many partitions a new store gets." };
        var json = CommandParts.Json();
        var command = new Command(
            "import",
            "Appends events from lines of JSON, as export has written them, to a store; it is created where it is not "
            + "there. What is there already is not appended again, so it can be stopped and run again.")
        {
            store, input, partitions, json,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            parsed.GetValue(input), parsed.GetValue(partitions), parsed.GetValue(json), token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, string? path, int? partitions, bool json,
        CancellationToken cancellationToken)
    {
        await using var input = path is null ? io.Input : File.OpenRead(path);
        await using var store = await new StoreOpener(io.Time).OpenOrCreateAsync(
            address, partitions, cancellationToken);
        return await RunAsync(io, store, input, json, cancellationToken);
    }

    /// <summary>Imports into an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, Stream input, bool json, CancellationToken cancellationToken)
    {
        var import = new StoreImport(store, io.Time);
        try
        {
            await import.RunAsync(input, cancellationToken);
        }
        finally
        {
            var lines = new OutputLines(io);
            if (json)
            {
                await lines.WriteJsonAsync(
                    writer =>
                    {
                        writer.WriteNumber("imported", import.Imported);
                        writer.WriteNumber("found", import.Found);
                        writer.WriteNumber("later", import.Later);
                    },
                    CancellationToken.None);
            }
            else
            {
                await lines.WriteTextAsync(
                    $"{Number(import.Imported)} events imported, {Number(import.Found)} were there already.",
                    CancellationToken.None);
                if (import.Later > 0)
                    await io.Error.WriteLineAsync(
                        $"{Number(import.Later)} of them have a later time than they had: that of an event before "
                        + "them, as time never goes back. Import lines in the order of their times to keep it.");
            }
        }

        return ExitCodes.Done;
    }

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
