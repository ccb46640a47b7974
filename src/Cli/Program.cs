using System.Runtime.InteropServices;
using Granary.Cli;

using var io = CommandIo.OfProcess();
using var stop = new CancellationTokenSource();
PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT];
var registrations = signals.Select(signal => PosixSignalRegistration.Create(signal, context =>
{
    // A second one ends the process at once.
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
})).ToArray();
try
{
    return await GranaryCommand.RunAsync(args, io, stop.Token);
}
finally
{
    foreach (var registration in registrations) registration.Dispose();
}
