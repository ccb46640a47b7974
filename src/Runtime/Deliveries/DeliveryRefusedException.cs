namespace Granary.Runtime;

/// <summary>Consumers could not handle an event: its stream is parked.</summary>
internal sealed class DeliveryRefusedException(string reason) : Exception(reason);
