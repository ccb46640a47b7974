namespace Granary.Cli;

/// <summary>What the command ends with.</summary>
internal static class ExitCodes
{
    /// <summary>It is done.</summary>
    public const int Done = 0;

    /// <summary>Something was found or refused: damage, a conflict, a store that is no copy of the other.</summary>
    public const int Found = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A store, a file or a gateway is not there or cannot be used now.</summary>
    public const int Unavailable = 3;

    /// <summary>It was stopped, as by Ctrl-C.</summary>
    public const int Stopped = 130;

    /// <summary>For the help.</summary>
    public const string Help =
        "Exit codes: 0 done, 1 something was found or refused, 2 wrong usage, 3 a store, a file or a gateway is not "
        + "available, 130 stopped.";
}
