using System.IO.Hashing;
using System.Text;

namespace Granary.Runtime;

/// <summary>
/// The ids of the appends that adopt an old log. They follow from the stream and the version alone, so that an append
/// of one silo is a retry of another's, also where the stream was cleared since.
/// </summary>
internal static class AdoptionIds
{
    /// <summary>The id of the append that continues an adoption after a version: a UUID of version 8.</summary>
    public static AppendId Of(StreamName stream, StreamVersion after)
    {
        var bytes = XxHash128.Hash(Encoding.UTF8.GetBytes($"granary.adoption\n{stream}\n{after}"));
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new AppendId(new Guid(bytes, bigEndian: true));
    }
}
