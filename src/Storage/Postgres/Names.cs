using System.Security.Cryptography;
using System.Text;

namespace Granary.Storage.Postgres;

/// <summary>How names are stored.</summary>
internal static class Names
{
    /// <summary>What a stream is found by.</summary>
    public static byte[] HashOf(StreamName stream) => SHA256.HashData(Bytes(stream.ToString()));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
