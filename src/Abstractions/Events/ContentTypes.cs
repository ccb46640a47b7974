namespace Granary;

/// <summary>The media types that Granary itself writes payloads in.</summary>
public static class ContentTypes
{
    /// <summary>JSON in UTF-8, the default.</summary>
    public const string Json = "application/json";

    /// <summary>The binary format of Orleans' serializer.</summary>
    public const string Orleans = "application/x-orleans";

    /// <summary>The greatest length of a media type, in characters: RFC 6838 gives each part 127.</summary>
    public const int LengthMax = 255;
}
