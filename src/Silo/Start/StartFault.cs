using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Granary.Silo;

/// <summary>Reports why the silo does not start.</summary>
internal static class StartFault
{
    /// <summary>What the process ends with after a fault.</summary>
    public const int FaultCode = 1;

    /// <summary>What the process ends with where the command line or a setting is wrong.</summary>
    public const int UsageCode = 2;

    /// <summary>
    /// Writes the reason, one line where the operator can do something about it, and gives the exit code.
    /// </summary>
    public static int Report(Exception fault)
    {
        var reason = Reason(fault);
        Console.Error.WriteLine($"Granary cannot start. {Message(reason ?? fault)}");

        // Everything else is a defect: its trace is what a report of it needs.
        if (reason is null) Console.Error.WriteLine($"This is a defect; please report it with what follows.\n{fault}");
        return reason is InvalidSettingsException or InvalidDataException or OptionsValidationException
            ? UsageCode
            : FaultCode;
    }

    private static Exception? Reason(Exception fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
        {
            if (at is GranaryException or InvalidSettingsException or IOException or InvalidDataException
                or UnauthorizedAccessException or SocketException or OptionsValidationException)
                return at;
        }

        return fault is AggregateException many ? many.InnerExceptions.Select(Reason).FirstOrDefault() : null;
    }

    // For a settings file that cannot be read, the reason is in the inner exception.
    private static string Message(Exception reason) => reason is InvalidDataException { InnerException: { } inner }
        ? $"{reason.Message} {Message(inner)}"
        : reason.Message;
}
