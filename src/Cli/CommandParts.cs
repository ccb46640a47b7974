using System.CommandLine;

namespace Granary.Cli;

/// <summary>What several commands have: how a store is named, whether the output is JSON.</summary>
internal static class CommandParts
{
    /// <summary>The environment variable that names the store where the command line does not.</summary>
    public const string StoreVariable = "GRANARY_STORE";

    /// <summary>A store, as the first argument.</summary>
    public static Argument<string?> Store() => new("store")
    {
        Description = "The store: granary-data/granary.db, sqlite:<path>, postgres:<connection string>, "
            + "postgres://user@host/database, azure:<connection string> or "
            + $"https://<account>.table.core.windows.net/<table>. {StoreVariable} names it where it is left out.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>A store, where the first argument is a stream.</summary>
    public static Option<string?> StoreOption() => new("--store", "-s")
    {
        Description = "The store: granary-data/granary.db, sqlite:<path>, postgres:<connection string>, "
            + "postgres://user@host/database, azure:<connection string> or "
            + $"https://<account>.table.core.windows.net/<table>. {StoreVariable} names it where it is left out.",
    };

    /// <summary>A stream.</summary>
    public static Argument<string> Stream() => new("stream")
    {
        Description = "The stream, written category/key.",
    };

    /// <summary>Whether the output is JSON.</summary>
    public static Option<bool> Json() => new("--json")
    {
        Description = "Write lines of JSON.",
    };

    /// <summary>A category.</summary>
    public static Option<string?> Category() => new("--category")
    {
        Description = "Only streams of this category.",
    };

    /// <summary>The address of a store, from the command line or the environment.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static StoreAddress AddressOf(string? given, string variable, CommandIo io)
    {
        var text = string.IsNullOrEmpty(given) ? io.Variable(variable) : given;
        return string.IsNullOrEmpty(text)
            ? throw new CommandException($"No store is named: name it, or set {variable}.", ExitCodes.Usage)
            : StoreAddress.Parse(text);
    }

    /// <summary>Reads a stream's name.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static StreamName StreamOf(string text) => StreamName.TryParse(text, out var name, out var fault)
        ? name
        : throw new CommandException(fault, ExitCodes.Usage);
}
